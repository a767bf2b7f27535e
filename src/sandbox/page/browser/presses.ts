/// <reference lib="dom" />

let isPressed = false;
const heldUpdates: (() => void)[] = [];

/** Calls `show` once the main mouse button is up: an element that moves between press and release gets no click. */
export function showOnceReleased(show: () => void): void {
  if (isPressed) heldUpdates.push(show);
  else show();
}

export function listenToPresses(): void {
  addEventListener('pointerdown', ({ button }) => {
    isPressed = button === 0;
  });
  // The click follows in the same task. A drag or a scroll cancels the press; the list of a select hides its end.
  for (const end of ['pointerup', 'pointercancel', 'change', 'keydown', 'blur'])
    addEventListener(end, () => setTimeout(releasePress));
  // The button was released outside the window.
  addEventListener('pointermove', ({ buttons }) => {
    if (isPressed && buttons === 0) releasePress();
  });
}

function releasePress(): void {
  isPressed = false;
  for (const show of heldUpdates.splice(0)) show();
}
