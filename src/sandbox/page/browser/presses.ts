/// <reference lib="dom" />

let pressed = false;
const held: (() => void)[] = [];

/** Shows something once no button of the mouse is held: what moves between its press and its release gets no click. */
export function showUnpressed(show: () => void): void {
  if (pressed) held.push(show);
  else show();
}

export function listenToPresses(): void {
  addEventListener('pointerdown', ({ button }) => {
    pressed = button === 0;
  });
  // The click follows in the same task. A drag or a scroll cancels the press; the list of a select takes its end.
  for (const end of ['pointerup', 'pointercancel', 'change', 'keydown', 'blur'])
    addEventListener(end, () => setTimeout(release));
  // The button was let go outside of the window.
  addEventListener('pointermove', ({ buttons }) => {
    if (pressed && buttons === 0) release();
  });
}

function release(): void {
  pressed = false;
  for (const show of held.splice(0)) show();
}
