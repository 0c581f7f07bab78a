"""The colours of paper: few and light, because much of it leaves a worn mono laser printer."""

from reportlab.lib.colors import HexColor

PRIMARY = HexColor("#0B6B61")
DEEP = HexColor("#0A4A45")
TINT = HexColor("#E6F2F0")
GOLD = HexColor("#D4A72C")
GOLD_TINT = HexColor("#FBF4E1")
INK = HexColor("#16302E")
MUTED = HexColor("#4C6163")
RULE = HexColor("#8FA3A2")
"""Lines of tables: darker than the screen's, which a mono laser would lose."""
