/** Every code this package gives for zones that it refuses, and of its warnings, with one sentence each. */
import { keyFileFaults, keyFileWarnings } from './access/key-file.ts';
import { policyReasons } from './access/policy.ts';
import { accessReasons } from './access/rights.ts';
import { warnings } from './zone-check/zone-check.ts';
import { diffWarnings } from './zone-diff/diff-warning.ts';

export const codes: Readonly<Record<string, string>> = {
  'arena.full': 'the reserved memory does not suffice for the zone; nothing has changed',
  'commit.inexact': 'a change removes what the zone does not have, or adds what it has',
  'commit.rebuild': 'a change would need the zone to be built anew',
  'name.too-many-records': 'a name has more records or RRsets than one may have',
  'rrset.too-large': 'an RRset is too large to fit into any message',
  'zone.class': 'a record is of another class than IN',
  'zone.cname-beside-data': 'a CNAME stands beside other records of the same name',
  'zone.no-ns': 'the zone has no NS record at its apex',
  'zone.no-soa': 'the zone has no SOA record at its apex',
  'zone.not-hosted': 'the zone is not served here',
  'zone.out-of-zone': 'a record’s owner lies outside the zone',
  'zone.unmergeable':
    'a zone’s file cannot be brought together with what updates have changed meanwhile',
  'zone.several': 'a name has more than one CNAME, DNAME or SOA record',
  ...warnings,
  ...diffWarnings,
  ...keyFileFaults,
  ...keyFileWarnings,
  ...accessReasons,
  ...policyReasons,
};
