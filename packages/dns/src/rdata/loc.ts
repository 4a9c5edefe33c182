/** LOC: where a host stands on the earth, version 0 (RFC 1876 §2 and §3). */
import { textFromOctets } from '@riad/octets/ascii';
import type { Reader } from '@riad/octets/reader';
import type { Writer } from '@riad/octets/writer';
import { NamelessCodec } from './codec.ts';
import { requireUnsigned } from './number-field.ts';
import { type RecordType, wholeRecordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

/** Lengths in centimetres, angles in thousandths of an arc second. */
export type Loc = {
  /** The diameter of the sphere around it, one digit and a power of ten. */
  readonly sizeCentimetres: number;
  readonly horizontalPrecisionCentimetres: number;
  readonly verticalPrecisionCentimetres: number;
  /** North is positive. */
  readonly latitude: number;
  /** East is positive. */
  readonly longitude: number;
  /** Above the WGS 84 spheroid. */
  readonly altitudeCentimetres: number;
};

const equator = 2 ** 31; // RFC 1876 §2: latitude and longitude are counted from here
const seaLevelCentimetres = 10_000_000; // §2: altitude is counted from 100,000 m below
const arcSecond = 1000;
const degree = 3600 * arcSecond;
const defaults = [100, 1_000_000, 1000]; // §3: 1 m, 10,000 m, 10 m

/** One digit and a power of ten (RFC 1876 §2, SIZE), or -1. */
function decodePrecision(octet: number): number {
  const digit = octet >> 4;
  const power = octet & 15;
  if (digit > 9 || power > 9 || (digit === 0 && power > 0)) return -1;
  return digit * 10 ** power;
}

function encodePrecision(centimetres: number): number {
  let digit = centimetres;
  let power = 0;
  while (digit >= 10) {
    digit /= 10;
    power++;
  }
  return (Math.floor(digit + 1e-9) << 4) | power; // dividing by ten may leave 2.9999999999999996
}

class LocCodec extends NamelessCodec<Loc> {
  decode(reader: Reader): Loc {
    const at = reader.position;
    if (reader.uint8('version') !== 0) reader.fail('rdata.value', 'a LOC of version 0 only', at);
    const size = decodePrecision(reader.uint8('size'));
    const horizontal = decodePrecision(reader.uint8('horizontal precision'));
    const vertical = decodePrecision(reader.uint8('vertical precision'));
    if (size < 0 || horizontal < 0 || vertical < 0) {
      reader.fail('rdata.value', 'a precision has one decimal digit and a power up to nine', at);
    }
    const latitude = reader.uint32('latitude') - equator;
    const longitude = reader.uint32('longitude') - equator;
    const altitude = reader.uint32('altitude') - seaLevelCentimetres;
    if (Math.abs(latitude) > 90 * degree || Math.abs(longitude) > 180 * degree) {
      reader.fail('rdata.value', 'a place beyond 90 or 180 degrees', at);
    }
    return {
      sizeCentimetres: size,
      horizontalPrecisionCentimetres: horizontal,
      verticalPrecisionCentimetres: vertical,
      latitude,
      longitude,
      altitudeCentimetres: altitude,
    };
  }

  encode(value: Loc, writer: Writer): void {
    if (Math.abs(value.latitude) > 90 * degree || Math.abs(value.longitude) > 180 * degree) {
      throw new RangeError('a place beyond 90 or 180 degrees');
    }
    writer.uint8(0);
    for (const precision of [
      value.sizeCentimetres,
      value.horizontalPrecisionCentimetres,
      value.verticalPrecisionCentimetres,
    ]) {
      writer.uint8(encodePrecision(requireUnsigned(precision, 9e9, 'a precision')));
    }
    writer.uint32(requireUnsigned(value.latitude + equator, 0xffff_ffff, 'latitude'));
    writer.uint32(requireUnsigned(value.longitude + equator, 0xffff_ffff, 'longitude'));
    const altitude = value.altitudeCentimetres + seaLevelCentimetres;
    writer.uint32(requireUnsigned(altitude, 0xffff_ffff, 'altitude'));
  }

  parse(tokens: TokenReader, writer: Writer): void {
    const latitude = parseAngle(tokens, 90, 'N', 'S');
    tokens.require('longitude');
    const longitude = parseAngle(tokens, 180, 'E', 'W');
    tokens.require('altitude');
    const altitude = parseMetres(tokens, -seaLevelCentimetres, 0xffff_ffff - seaLevelCentimetres);
    const precisions: number[] = [];
    while (precisions.length < 3 && tokens.next()) precisions.push(parseMetres(tokens, 0, 9e9));
    writer.uint8(0);
    for (const [i, centimetres] of defaults.entries()) {
      writer.uint8(encodePrecision(precisions[i] ?? centimetres));
    }
    writer.uint32(latitude + equator);
    writer.uint32(longitude + equator);
    writer.uint32(altitude + seaLevelCentimetres);
  }

  format(reader: Reader): string {
    const loc = this.decode(reader);
    return [
      formatAngle(loc.latitude, 'N', 'S'),
      formatAngle(loc.longitude, 'E', 'W'),
      formatMetres(loc.altitudeCentimetres),
      formatMetres(loc.sizeCentimetres),
      formatMetres(loc.horizontalPrecisionCentimetres),
      formatMetres(loc.verticalPrecisionCentimetres),
    ].join(' ');
  }
}

/** Degrees, minutes and seconds from the current token on, up to the letter of the hemisphere. */
function parseAngle(tokens: TokenReader, most: number, plus: string, minus: string): number {
  const parts: number[] = [];
  for (;;) {
    const text = tokenText(tokens);
    const letter = text.toUpperCase();
    if (letter === plus || letter === minus) {
      const [degrees, minutes = 0, seconds = 0] = parts;
      const angle = (degrees ?? most + 1) * degree + minutes * 60 * arcSecond + seconds;
      if (angle > most * degree) break;
      return letter === plus ? angle : -angle;
    }
    const whole = /^\d{1,3}$/.test(text);
    const fraction = parts.length === 2 && /^\d{1,2}(\.\d{1,3})?$/.test(text);
    if (parts.length > 2 || (!whole && !fraction)) break;
    const value = parts.length < 2 ? Number(text) : Math.round(Number(text) * arcSecond);
    if (parts.length > 0 && value >= (parts.length === 1 ? 60 : 60 * arcSecond)) break;
    parts.push(value);
    tokens.require(`${plus} or ${minus}`);
  }
  return tokens.fail('text.value', `degrees up to ${most}, and ${plus} or ${minus}, are expected`);
}

/** Metres with up to two digits behind the point, and perhaps an `m`, in centimetres. */
function parseMetres(tokens: TokenReader, least: number, most: number): number {
  const match = /^(-?)(\d{1,8})(?:\.(\d{0,2}))?m?$/i.exec(tokenText(tokens));
  if (match !== null) {
    const magnitude = Number(match[2]) * 100 + Number((match[3] ?? '').padEnd(2, '0'));
    const centimetres = match[1] === '-' ? -magnitude : magnitude;
    if (centimetres >= least && centimetres <= most) return centimetres;
  }
  return tokens.fail('text.value', 'metres with at most two digits behind the point are expected');
}

function tokenText(tokens: TokenReader): string {
  return textFromOctets(tokens.buffer, tokens.start, tokens.end);
}

function formatAngle(angle: number, plus: string, minus: string): string {
  const size = Math.abs(angle);
  const degrees = Math.floor(size / degree);
  const minutes = Math.floor(size / (60 * arcSecond)) % 60;
  const seconds = size % (60 * arcSecond);
  const fraction = String(seconds % arcSecond).padStart(3, '0');
  const letter = angle < 0 ? minus : plus;
  return `${degrees} ${minutes} ${Math.floor(seconds / arcSecond)}.${fraction} ${letter}`;
}

function formatMetres(centimetres: number): string {
  const size = Math.abs(centimetres);
  const fraction = String(size % 100).padStart(2, '0');
  return `${centimetres < 0 ? '-' : ''}${Math.floor(size / 100)}.${fraction}m`;
}

export const loc: RecordType<Loc> = wholeRecordType({
  code: 29,
  mnemonic: 'LOC',
  reference: 'RFC 1876 §2',
  codec: new LocCodec(),
});
