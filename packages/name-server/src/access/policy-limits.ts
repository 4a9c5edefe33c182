/** Apart from its reader, which is loaded only where there is a policy. */

/** More is not a policy that anybody has written. */
export const maxPolicyFileOctets: number = 1 << 20;
