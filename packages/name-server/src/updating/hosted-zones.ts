/** Which hosted zone a name is the apex of, or lies in: as the image has it now. */
import { canonicalName, formatName, type Name, parentName } from '@riad/dns/name';
import type { ZoneImage } from '@riad/dns-server/zone-image/zone-image';

export type HostedZone = {
  readonly apexName: Name;
  /** Presentation form, lower case, with the final dot. */
  readonly name: string;
};

export class HostedZones {
  readonly #image: ZoneImage;

  constructor(image: ZoneImage) {
    this.#image = image;
  }

  /** The zone with just this name. */
  find(name: Name): HostedZone | undefined {
    const apexName = canonicalName(name);
    if (this.#image.zoneOf(apexName) === 0) return undefined;
    return { apexName, name: formatName(apexName) };
  }

  /** The zone that a name lies in: the deepest of those above it, or itself. */
  zoneOf(name: Name): HostedZone | undefined {
    for (let at: Name | undefined = name; at !== undefined; at = parentName(at)) {
      const zone = this.find(at);
      if (zone !== undefined) return zone;
    }
    return undefined;
  }
}
