/** Bytes that all bodies together may take in memory. */
export class ByteBudget {
  private left: number;

  constructor(size: number) {
    this.left = size;
  }

  /** False, and nothing is taken, when fewer bytes are left. */
  take(bytes: number): boolean {
    if (bytes > this.left) return false;
    this.left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.left += bytes;
  }
}
