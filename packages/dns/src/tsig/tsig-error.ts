/** The errors of TSIG (RFC 8945 §3); the RCODE of the message is NOTAUTH beside each. */
export const TsigError = {
  NOERROR: 0,
  BADSIG: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADTRUNC: 22,
} as const;
