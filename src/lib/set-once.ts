/** A value that code refers to before it is built. Until then, `get` returns `fallback` or throws an error with the name. */
export class SetOnce<T> {
  readonly #name: string;
  #value: T | undefined;
  #isSet = false;

  constructor(name: string, fallback?: T) {
    this.#name = name;
    this.#value = fallback;
  }

  set<U extends T>(value: U): U {
    if (this.#isSet) throw new Error(`${this.#name} is set already`);
    this.#isSet = true;
    this.#value = value;
    return value;
  }

  get(): T {
    if (this.#value === undefined) throw new Error(`${this.#name} is not built yet`);
    return this.#value;
  }
}
