// What a door hears and feels: three sounds that nobody confuses, vibration, and a screen that stays awake.

const MUTED = "scanner-muted";
const TONES = {
  admitted: [[880, 0, 0.09], [1320, 0.1, 0.16]],
  repeat: [[520, 0, 0.14], [520, 0.2, 0.14]],
  refused: [[180, 0, 0.45]],
};
const PULSES = { admitted: [80], repeat: [80, 80, 80], refused: [350] };
let audio = null;
let awake = false;
let lock = null;

export function isMuted() {
  return localStorage.getItem(MUTED) === "yes";
}

export function setMuted(muted) {
  localStorage.setItem(MUTED, muted ? "yes" : "no");
}

/** Browsers let a page sound only after a touch, and take the sound away during a call. */
export function wakeSound() {
  audio ??= new AudioContext();
  if (audio.state !== "running") audio.resume().catch(() => {});
}

export function signal(kind) {
  navigator.vibrate?.(PULSES[kind]);
  if (isMuted() || audio?.state !== "running") return;
  for (const [frequency, after, length] of TONES[kind]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = kind === "refused" ? "sawtooth" : "sine";
    tone.frequency.value = frequency;
    const begins = audio.currentTime + after;
    volume.gain.setValueAtTime(0.25, begins);
    volume.gain.exponentialRampToValueAtTime(0.001, begins + length);
    tone.connect(volume).connect(audio.destination);
    tone.start(begins);
    tone.stop(begins + length);
  }
}

/** Keep the screen awake; the browser drops the lock whenever the page is hidden, so it is asked for again. */
export async function stayAwake() {
  awake = true;
  if (document.hidden || (lock && !lock.released)) return;
  try {
    lock = (await navigator.wakeLock?.request("screen")) ?? null;
    if (!awake) letSleep();
  } catch {
    // a device that saves its battery goes on sleeping
  }
}

export function letSleep() {
  awake = false;
  lock?.release().catch(() => {});
  lock = null;
}

document.addEventListener("visibilitychange", () => awake && stayAwake());
