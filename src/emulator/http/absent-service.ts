import { serviceModels } from '../service-model/model.js';
import type { Service } from './operation.js';
import type { RequestHead } from './protocol.js';
import { signingScopeOf } from './signature.js';

/** The names by which signatures name the emulated services. */
const signingNames = new Set(Object.values(serviceModels).map(({ metadata }) => metadata.signingName));

/** The service that the request is signed for, if the emulator does not have it. Null otherwise. */
export function absentServiceOf(head: RequestHead): Service | null {
  const scope = signingScopeOf(head);
  return scope === null || signingNames.has(scope.service) ? null : absentService(scope.service);
}

/** A service without operations, so that the client gets an error with the name of the service, in its own protocol. */
export function absentService(name: string): Service {
  return {
    name,
    isAbsent: true,
    model: {
      metadata: {
        apiVersion: '',
        jsonVersion: '1.1',
        protocols: [],
        serviceId: name,
        signingName: name,
        xmlNamespace: '',
      },
      operations: {},
      shapes: {},
    },
    errors: {
      validation: 'ValidationException',
      throttling: 'ThrottlingException',
      accessDenied: 'AccessDeniedException',
      unknownOperation: 'UnknownOperationException',
    },
    operations: new Map(),
  };
}
