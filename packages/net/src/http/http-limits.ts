/** What a client of HTTP may hold. */

/** Telephones keep a connection each, browsers six. */
export const maxConnections = 2000;
/** A household or an office behind one address. */
export const maxConnectionsPerAddress = 200;
/** Being answered at a time; each holds its body. */
export const maxRequests = 500;
/** Of bodies together, for all who wait for the rest of theirs: four of the largest files. */
export const maxBodiesOctets: number = 256 << 20;
/** Of a body that nobody wants, and is read all the same so that its sender comes to the answer. */
export const maxDroppedOctets: number = 64 << 20;
export const maxStreamsPerConnection = 64;
export const maxHeaderOctets = 16_384;
export const headersTimeoutMs = 15_000;
/** For all of a request, its body included: an import over a slow line. */
export const requestTimeoutMs = 300_000;
/** Between two requests. */
export const idleTimeoutMs = 75_000;
/** Without an octet in either direction. */
export const stalledTimeoutMs = 90_000;
