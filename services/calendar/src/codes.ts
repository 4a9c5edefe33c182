/** What the service refuses by itself, for docs/errors.md. */
export const codes = {
  'calendar.login': 'name or password is wrong, or neither was given',
  'calendar.too-often': 'this address has given wrong passwords too often; it may try again later',
  'calendar.busy': 'too many passwords are being checked; try again in a moment',
  'calendar.too-large': 'the body of the request has more octets than the service takes',
} as const;
