// Makes a part of the page like a fresh copy of it, touching only what differs: focus, scrolling and what is open stay.
// Elements with an id are recognised by it, others by their place. Below one with data-kept nothing is touched.

const LEFT_ALONE = new Set(["open", "hidden"]); // what the reader or a script has set

export function mend(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) old.data = fresh.data;
  else {
    const kept = "kept" in old.dataset;
    mendAttributes(old, fresh, (name) => !LEFT_ALONE.has(name) && (!kept || name.startsWith("data-")));
    if (!kept) mendChildren(old, fresh);
  }
}

function mendAttributes(old, fresh, concerned) {
  for (const { name, value } of fresh.attributes) if (concerned(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (concerned(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
}

function mendChildren(old, fresh) {
  const wantedIds = new Set([...fresh.children].map((child) => child.id));
  const known = new Map();
  for (const child of [...old.children]) {
    if (!child.id) continue;
    if (wantedIds.has(child.id)) known.set(child.id, child);
    else child.remove();
  }
  let place = old.firstChild;
  for (const wanted of fresh.childNodes) {
    const found = wanted.id ? known.get(wanted.id) : like(place, wanted);
    if (!found) {
      old.insertBefore(document.importNode(wanted, true), place);
      continue;
    }
    while (place && place !== found && !place.id) place = dropped(place);
    if (place === found) place = found.nextSibling;
    else old.insertBefore(found, place);
    mend(found, wanted);
  }
  while (place) place = dropped(place);
}

function like(place, wanted) {
  return place && !place.id && place.nodeName === wanted.nodeName ? place : null;
}

function dropped(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
