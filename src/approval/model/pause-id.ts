const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether an id is one that the running platform gives to a single pause; the documented API has names of tasks there. */
export function isPauseId(id: string): boolean {
  return UUID.test(id);
}
