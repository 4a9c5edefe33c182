/**
 * Passwords for one device each, made here and never chosen. They have 100 random bits, so that a plain hash
 * keeps them as safe as a slow one, and a request of a device costs no slow one.
 */
import { createHash, randomBytes } from 'node:crypto';

/** Without letters and digits that are taken for each other. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789x';
const groups = 5;
const groupLetters = 4;

/** `abcd-efgh-jkmn-pqrs-tuvw`: as people type it into a telephone. */
export function makeAppPassword(): string {
  const random = randomBytes(groups * groupLetters);
  const letters = [...random].map((octet) => alphabet[octet & 31]!);
  return Array.from({ length: groups }, (_, i) =>
    letters.slice(i * groupLetters, (i + 1) * groupLetters).join(''),
  ).join('-');
}

const shape = /^[a-z2-9]{20}$/;

/** What is kept of one; undefined if the text cannot be one. Spaces, dashes and case are as people type them. */
export function appPasswordHash(text: string): string | undefined {
  if (text.length > 64) return undefined;
  const letters = text.toLowerCase().replace(/[\s-]/g, '');
  return shape.test(letters) ? createHash('sha256').update(letters).digest('base64url') : undefined;
}
