/**
 * Catalogs that were made here and that riad.yaml names no more. Nobody may take their members for what is served now, so
 * they are not given out; but they stay as they are, for secondaries would begin afresh with every zone if one came back
 * under other labels (RFC 9432 §5.4).
 */
import type {
  ServedZone,
  ZoneCommand,
  ZoneResult,
} from '@riad/name-server/loading/loader-messages';
import type { ZoneSupply } from './zone-supply.ts';

/** Before anything is answered. `made`: those of riad.yaml. */
export async function setCatalogsAside(
  restored: readonly ServedZone[],
  made: ReadonlySet<string>,
  perform: (command: ZoneCommand) => Promise<ZoneResult>,
  supply: ZoneSupply,
): Promise<void> {
  const result = await perform({ type: 'made-catalogs' });
  const left = result.kind === 'made-catalogs' ? result.zones : [];
  for (const zone of left) {
    if (!made.has(zone)) await supply.setAside(zone);
  }
  for (const { name, withheld } of restored) {
    // One that riad.yaml names again goes on where it was.
    if (withheld && made.has(name))
      await perform({ type: 'withhold', zone: name, withheld: false });
  }
}
