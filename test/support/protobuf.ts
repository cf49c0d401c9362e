/** The values of a message by their field numbers: bytes, or the bits of a number. */
type Fields = ReadonlyMap<number, readonly (Buffer | bigint)[]>;

/** Reads the wire format of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/). */
export class ProtobufMessage {
  private readonly fields: Fields;

  constructor(bytes: Buffer) {
    this.fields = parse(bytes);
  }

  has(field: number): boolean {
    return this.fields.has(field);
  }

  messages(field: number): ProtobufMessage[] {
    return this.values(field).map((value) => new ProtobufMessage(value as Buffer));
  }

  message(field: number): ProtobufMessage | undefined {
    return this.messages(field)[0];
  }

  string(field: number): string {
    return this.bytes(field).toString();
  }

  hex(field: number): string {
    return this.bytes(field).toString('hex');
  }

  number(field: number): number {
    const [value = 0n] = this.values(field);
    return Number(value);
  }

  double(field: number): number {
    const [bits = 0n] = this.values(field);
    return new DataView(new BigUint64Array([bits as bigint]).buffer).getFloat64(0, true);
  }

  private bytes(field: number): Buffer {
    const [value = Buffer.alloc(0)] = this.values(field);
    return value as Buffer;
  }

  private values(field: number): readonly (Buffer | bigint)[] {
    return this.fields.get(field) ?? [];
  }
}

function parse(bytes: Buffer): Fields {
  const fields = new Map<number, (Buffer | bigint)[]>();
  let at = 0;
  const take = (length: number) => bytes.subarray(at, (at += length));
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes.readUInt8(at++));
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
  };
  const read: Record<number, () => Buffer | bigint> = {
    0: varint,
    1: () => take(8).readBigUInt64LE(),
    2: () => take(Number(varint())),
    5: () => BigInt(take(4).readUInt32LE()),
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const value = read[tag & 7]!();
    const field = tag >> 3;
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}
