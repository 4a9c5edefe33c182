/** The services that riad.yaml can name: `type` is the name of the folder under services/. */
import type { ServiceTypes } from '@riad/runtime/configuration/configuration';

export const serviceTypes: ServiceTypes = {
  calendar: {
    configuration: () => import('@riad/service-calendar/config'),
    module: import.meta.resolve('@riad/service-calendar/service'),
  },
  'dns-primary': {
    configuration: () => import('@riad/service-dns-primary/config'),
    module: import.meta.resolve('@riad/service-dns-primary/service'),
  },
  'dns-secondary': {
    configuration: () => import('@riad/service-dns-secondary/config'),
    module: import.meta.resolve('@riad/service-dns-secondary/service'),
  },
};
