// Loaded before a bot (`node --import`): the wall clock of its process goes wrong by SHIFT_CLOCK_BY milliseconds.
const shift = Number(process.env.SHIFT_CLOCK_BY);
const { now } = Date;

globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now() + shift] : args, newTarget),
  apply: (target) => new target(now() + shift).toString(),
  get: (target, name) => (name === 'now' ? () => now() + shift : Reflect.get(target, name)),
});
