/**
 * Every error code this package raises, with one sentence each. Codes of `DecodeError` say what is
 * wrong with octets from a peer; the same codes serve text (`text.…`), where the reader of master
 * files adds file, line, column and token.
 */
export const codes = {
  'name.label-length': 'a label has more than 63 octets',
  'name.length': 'a name has more than 255 octets',
  'name.label-type': 'a label of a type that is not in use',
  'name.pointer': 'a compression pointer that names no name decoded before',
  'name.compressed': 'a compressed name where none is allowed',
  'name.empty-label': 'a name with an empty label inside',
  'name.escape': 'a backslash must be followed by a character or by three digits up to 255',
  'name.empty': 'a name is missing',
  'rdata.short': 'the record ends inside a field',
  'rdata.trailing': 'the record has more than its type allows',
  'rdata.value': 'a value its field does not allow',
  'rdata.bitmap': 'a type bitmap that is not in order, or has empty blocks',
  'rdata.svc-params': 'service parameters that are malformed',
  'message.header': 'a message too short for a header',
  'message.opcode': 'an opcode that is not known',
  'message.trailing': 'octets after the last record',
  'message.questions': 'more than one question in a query',
  'message.opt-twice': 'more than one OPT record',
  'message.opt-owner': 'an OPT record whose owner is not the root',
  'message.opt-section': 'an OPT record outside the additional section',
  'message.tsig-last': 'a TSIG record that is not the last record',
  'edns.option': 'an EDNS option that is malformed',
  'text.missing': 'a field is missing',
  'text.extra': 'more fields than the type has',
  'text.number': 'a number is expected, within the field’s range',
  'text.name': 'a domain name is expected',
  'text.address': 'an address is expected',
  'text.string': 'a character string has more than 255 octets',
  'text.escape': 'a backslash must be followed by a character or by three digits up to 255',
  'text.hex': 'hexadecimal digits are expected, two for each octet',
  'text.base64': 'base64 is expected',
  'text.base32': 'base32hex is expected',
  'text.time': 'a time is expected, as YYYYMMDDHHmmSS or in seconds',
  'text.ttl': 'a number of seconds is expected, or one with units such as 1h30m',
  'text.type': 'a record type is expected',
  'text.mnemonic': 'a number or a known mnemonic is expected',
  'text.value': 'a value its field does not allow',
  'text.generic': 'record data of an unknown type is written as \\# LENGTH HEX',
  'text.generic-length': 'the length after \\# is not the number of octets that follow',
  'text.long': 'record data has more than 65535 octets',
} as const;

export type Code = keyof typeof codes;
