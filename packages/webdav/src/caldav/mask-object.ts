export function maskObject(octets: Uint8Array): Uint8Array {
  return octets;
}
