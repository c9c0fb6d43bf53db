/** Limit of the integers in a varint, which also has the mark that distinguishes it from a float. */
const maximumInteger = 2 ** 50;
const floatMark = 1;

/** Writes numbers one after another in few bytes. */
export class Writer {
  private buffer = Buffer.allocUnsafe(16 * 1024);
  private length = 0;

  /** Whole numbers from 0 on take as many bytes as they need. Any other number takes nine. */
  number(value: number): void {
    this.reserve(16);
    if (Number.isInteger(value) && value >= 0 && value < maximumInteger && !Object.is(value, -0)) {
      this.varint(value * 2);
    } else {
      this.varint(floatMark);
      this.length = this.buffer.writeDoubleLE(value, this.length);
    }
  }

  numbers(values: number[]): void {
    this.number(values.length);
    for (const value of values) this.number(value);
  }

  /** The bytes written since the last call. */
  take(): Uint8Array {
    const bytes = new Uint8Array(this.buffer.subarray(0, this.length));
    this.length = 0;
    return bytes;
  }

  private varint(value: number): void {
    let left = value;
    // Bit operations are faster, but work only for 31 bits.
    for (; left > 0x7fffffff; left = Math.floor(left / 128)) this.buffer[this.length++] = (left % 128) | 128;
    for (; left >= 128; left >>= 7) this.buffer[this.length++] = (left & 127) | 128;
    this.buffer[this.length++] = left;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    this.buffer = Buffer.concat([this.buffer], this.buffer.length * 2);
  }
}

/** Reads the numbers of a Writer, in the same order. */
export class Reader {
  private position = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get ended(): boolean {
    return this.position >= this.bytes.length;
  }

  number(): number {
    const value = this.varint();
    if (value !== floatMark) return value / 2;
    this.position += 8;
    return this.view.getFloat64(this.position - 8, true);
  }

  numbers(): number[] {
    const values: number[] = [];
    for (let left = this.number(); left > 0; left -= 1) values.push(this.number());
    return values;
  }

  private varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.bytes[this.position++] ?? 0;
      if (byte < 128) return value + byte * factor;
      value += (byte - 128) * factor;
    }
  }
}
