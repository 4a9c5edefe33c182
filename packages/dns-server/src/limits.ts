/** What the name server’s engine takes at most, for docs/limits.md. */
import { maxAddressEntries } from './access/address-list.ts';
import { maxCountedKeys } from './access/change-rate.ts';
import { maxKeyFileErrors, maxKeyFileOctets } from './access/key-file.ts';
import { maxKeys } from './access/key-ring.ts';
import { maxPatternCharacters, maxPolicyRules, maxRuleParts } from './access/policy.ts';
import { maxAliases, maxRemembered } from './answer/query-state.ts';
import { rateTableOctets } from './answer/rate-limit.ts';
import { maxCatalogMembers } from './catalog/read-catalog.ts';
import { maxPendingNotifies, notifiesPerSecond } from './notify/notify-sender.ts';
import { maxNotifyTargets } from './notify/notify-targets.ts';
import { maxRegistrations, maxZonesOfConnection } from './notify/registrations.ts';
import {
  maxSecondaryZones,
  maxSoaQueries,
  maxTransfers,
  maxTransfersFromPrimary,
  soaQueryMs,
  transferMs,
} from './secondary/secondary.ts';
import { transferLimits } from './transfer/transfer-in.ts';
import { maxScriptErrors, maxUpdateScriptOctets } from './update/update-script.ts';
import { maxZoneWarnings } from './zone-check/zone-check.ts';
import { maxDifferences } from './zone-diff/zone-diff.ts';
import { maxDiffWarnings } from './zone-diff/zone-warnings.ts';
import { maxHistoryChanges, maxHistoryOctets } from './zone-history/zone-history.ts';
import { maxNsec3Iterations } from './zone-image/denial-index.ts';
import { heldVersionMs, maxHeldVersions } from './zone-image/held-versions.ts';
import { maxProbe } from './zone-image/layout.ts';
import { maxRrsetsAtName } from './zone-image/name-assembler.ts';
import { maxRecordsAtName } from './zone-image/record-buffer.ts';
import { maxRememberedLabels, maxRrsetOctets } from './zone-image/rrset-encoder.ts';
import { maxOutsideGlue, maxZoneFaults } from './zone-image/zone-builder.ts';
import { guardedRecords, heldLossShare, mostWarnings } from './zone-loading/load-zone.ts';

type Limit = { readonly value: number; readonly unit: string; readonly reason: string };

export const limits: Readonly<Record<string, Limit>> = {
  maxAliases: {
    value: maxAliases,
    unit: 'CNAME and DNAME records followed for one answer',
    reason: 'RFC 1034 §3.6.2 sets none; longer chains are errors, and each link costs a search.',
  },
  maxRemembered: {
    value: maxRemembered,
    unit: 'RRsets of additional and proving data in one answer',
    reason: 'More do not fit into 1232 octets, and each is looked up among them.',
  },
  rateTableOctets: {
    value: rateTableOctets,
    unit: 'octets of the table of response rates',
    reason: 'It does not grow with the clients; entries share places, which errs towards limiting.',
  },
  maxNsec3Iterations: {
    value: maxNsec3Iterations,
    unit: 'NSEC3 iterations',
    reason:
      'RFC 9276 §3.2: each costs work that strangers can ask for; a zone with more is served without hashes.',
  },
  maxProbe: {
    value: maxProbe,
    unit: 'slots looked at for a name',
    reason: 'A table in which a name would lie farther away is grown.',
  },
  maxRecordsAtName: {
    value: maxRecordsAtName,
    unit: 'records of one name',
    reason: 'More could not leave in one message.',
  },
  maxRrsetsAtName: {
    value: maxRrsetsAtName,
    unit: 'RRsets of one name',
    reason: 'All are looked through for a type that is not among the first.',
  },
  maxRrsetOctets: {
    value: maxRrsetOctets,
    unit: 'octets of an RRset, or of its signatures',
    reason: 'A message of 65,535 octets has no room for more beside header and question.',
  },
  maxRememberedLabels: {
    value: maxRememberedLabels,
    unit: 'labels of an RRset that later ones may point to',
    reason: 'More only means less compression.',
  },
  maxZoneWarnings: {
    value: maxZoneWarnings,
    unit: 'findings of a zone check that are told',
    reason: 'More would not be read.',
  },
  maxOutsideGlue: {
    value: maxOutsideGlue,
    unit: 'addresses of names outside a zone in its file',
    reason: 'They are looked up among the name servers; more are a mistake, and told as one.',
  },
  maxZoneFaults: {
    value: maxZoneFaults,
    unit: 'faults of a zone that are told',
    reason: 'More would not be read.',
  },
  mostWarnings: {
    value: mostWarnings,
    unit: 'warnings about a zone that are told',
    reason: 'More would not be read.',
  },
  guardedRecords: {
    value: guardedRecords,
    unit: 'records from which on a zone is guarded',
    reason: 'Below, a change that takes away much is easily meant.',
  },
  heldLossShare: {
    value: heldLossShare,
    unit: 'of a guarded zone may go without confirmation',
    reason: 'A file that was cut short, or a script that went wrong, takes away more.',
  },
  maxHistoryChanges: {
    value: maxHistoryChanges,
    unit: 'changes of a zone that are kept for IXFR',
    reason: 'For a zone that a busy service changes each minute, two days.',
  },
  maxHistoryOctets: {
    value: maxHistoryOctets,
    unit: 'octets of the changes of a zone that are kept for IXFR, and no more than the zone has',
    reason:
      'Some 100,000 records; more takes longer to condense than a transfer may keep others waiting.',
  },
  maxHeldVersions: {
    value: maxHeldVersions,
    unit: 'versions of the zones that transfers under way may keep',
    reason: 'Each keeps what was replaced since; a transfer that would need one more is put off.',
  },
  heldVersionMs: {
    value: heldVersionMs,
    unit: 'ms that a transfer may take',
    reason:
      'A million records to a peer on a line of 256 kbit/s take a quarter of an hour; meanwhile nothing is freed.',
  },
  maxTransferRecords: {
    value: transferLimits.maxRecords,
    unit: 'records of a zone that is transferred here',
    reason: 'A primary that never ends would fill the memory; more than this fits into no region.',
  },
  maxTransferOctets: {
    value: transferLimits.maxOctets,
    unit: 'octets of a transfer',
    reason: 'The same, for records that are large or left out.',
  },
  maxChangedRecords: {
    value: transferLimits.maxChangedRecords,
    unit: 'records of a difference that is transferred here',
    reason: 'Each is an object until it is applied; the whole zone is quicker then.',
  },
  maxPendingNotifies: {
    value: maxPendingNotifies,
    unit: 'NOTIFY that wait for an answer',
    reason: 'A thousand zones with sixteen secondaries each, and room; each has about a kilobyte.',
  },
  notifiesPerSecond: {
    value: notifiesPerSecond,
    unit: 'NOTIFY sent in a second',
    reason: 'A thousand zones announced at once are no flood for a small secondary.',
  },
  maxNotifyTargets: {
    value: maxNotifyTargets,
    unit: 'addresses of name servers that are told of a zone',
    reason: 'No zone has more.',
  },
  maxRegistrations: {
    value: maxRegistrations,
    unit: 'zones registered for NOTIFY by all connections',
    reason: 'All are looked through for each change of a zone.',
  },
  maxZonesOfConnection: {
    value: maxZonesOfConnection,
    unit: 'zones registered for NOTIFY by one connection',
    reason: 'For more there is a key for all zones.',
  },
  maxKeys: {
    value: maxKeys,
    unit: 'keys',
    reason: 'One for each host and peer of a small organisation, and a hundred times as many.',
  },
  maxKeyFileOctets: {
    value: maxKeyFileOctets,
    unit: 'octets of a key file',
    reason: 'The longest lines of as many keys as there may be.',
  },
  maxKeyFileErrors: {
    value: maxKeyFileErrors,
    unit: 'lines of a key file that cannot be read',
    reason: 'Reading stops there: it is hardly a key file.',
  },
  maxAddressEntries: {
    value: maxAddressEntries,
    unit: 'entries of an address list',
    reason: 'All are looked at for each request that no key permits.',
  },
  maxPolicyRules: {
    value: maxPolicyRules,
    unit: 'rules of a policy',
    reason: 'All are looked at for each request that is signed.',
  },
  maxRuleParts: {
    value: maxRuleParts,
    unit: 'names, types or values in one part of a rule',
    reason: 'All are looked at for each change of an update.',
  },
  maxPatternCharacters: {
    value: maxPatternCharacters,
    unit: 'characters of a pattern for values',
    reason:
      'The work of a match is at most its length times 4096, as many characters as are looked at.',
  },
  maxCountedKeys: {
    value: maxCountedKeys,
    unit: 'keys whose changes in an hour are counted',
    reason: 'As many as there may be; without a change for an hour they are forgotten.',
  },
  maxTransfers: {
    value: maxTransfers,
    unit: 'transfers of zones to here at a time',
    reason: 'Each holds a zone half built.',
  },
  maxTransfersFromPrimary: {
    value: maxTransfersFromPrimary,
    unit: 'transfers from one primary at a time',
    reason: 'A primary that is slow leaves room for the others.',
  },
  maxSoaQueries: {
    value: maxSoaQueries,
    unit: 'queries for a SOA at a time',
    reason: 'After a restart all zones are asked for at once.',
  },
  maxSecondaryZones: {
    value: maxSecondaryZones,
    unit: 'zones kept as copies',
    reason: 'Each waits with about a kilobyte of state, beside its records.',
  },
  soaQueryMs: {
    value: soaQueryMs,
    unit: 'ms for a query for a SOA with its repetitions',
    reason: 'A primary that needs longer is as good as absent; the next is asked.',
  },
  transferMs: {
    value: transferMs,
    unit: 'ms for a transfer to here',
    reason: 'A million records on a line of 256 kbit/s take a quarter of an hour.',
  },
  maxCatalogMembers: {
    value: maxCatalogMembers,
    unit: 'members of a catalog zone',
    reason: 'As many as there may be copies of zones.',
  },
  maxUpdateScriptOctets: {
    value: maxUpdateScriptOctets,
    unit: 'octets of an update script',
    reason: 'Megabytes of updates are a zone, and that is better a file.',
  },
  maxScriptErrors: {
    value: maxScriptErrors,
    unit: 'errors told of an update script',
    reason: 'More would not be read.',
  },
  maxDifferences: {
    value: maxDifferences,
    unit: 'differences between two zones that are told',
    reason: 'More would not be read; they are counted.',
  },
  maxDiffWarnings: {
    value: maxDiffWarnings,
    unit: 'warnings about the differences between two zones',
    reason: 'More would not be read.',
  },
};
