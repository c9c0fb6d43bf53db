/** Registers the search attributes of rollouts, once per namespace. */
import type { Client } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType as encodeType } from '@temporalio/common/lib/search-attributes.js';
import { attributes } from '../../workflows/messages.js';
import { RolloutError } from '../errors.js';
import { explainFailure, grpcCode, grpcFailureOf, serverOf } from './temporal-failures.js';

export interface AttributeRegistration {
  namespace: string;
  added: string[];
  present: string[];
}

/** The server does not let this client register attributes (Temporal Cloud, or no permission). */
export class ManualSetupRequired extends RolloutError {
  constructor(
    readonly namespace: string,
    readonly detail: string,
    cause: unknown,
  ) {
    const required = Object.values(attributes).map(({ name, type }) => ({ name, type: titleCase(type) }));
    super(
      `Cannot register search attributes in ${namespace}: Temporal does not allow it for this client (${detail}). On Temporal Cloud, run:\n` +
        `  tcld namespace search-attributes add --namespace ${namespace}` +
        required.map(({ name, type }) => ` --search-attribute "${name}=${type}"`).join('') +
        `\nOn a self-hosted cluster, run with an operator's rights:\n` +
        `  temporal operator search-attribute create --namespace ${namespace}` +
        required.map(({ name, type }) => ` --name ${name} --type ${type}`).join(''),
      cause,
    );
  }
}

/** An attribute with the name exists with another type. */
export class SearchAttributeConflict extends RolloutError {
  constructor(
    readonly namespace: string,
    readonly attributeName: string,
  ) {
    super(
      `Cannot register search attribute ${attributeName} in ${namespace}: it exists with another type; ` +
        `remove it or use another namespace.`,
    );
  }
}

/**
 * Existing attributes are kept. Fails: ManualSetupRequired, SearchAttributeConflict, TemporalUnreachable,
 * TemporalRejected.
 */
export async function registerAttributes(client: Client): Promise<AttributeRegistration> {
  const { namespace } = client.options;
  const { operatorService } = client.connection;
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const required = Object.values(attributes);
    const conflicting = required.find(
      ({ name, type }) => ![undefined, encodeType(type)].includes(customAttributes[name]),
    );
    if (conflicting !== undefined) throw new SearchAttributeConflict(namespace, conflicting.name);
    const missing = required.filter(({ name }) => customAttributes[name] === undefined);
    if (missing.length > 0)
      await operatorService.addSearchAttributes({ namespace, searchAttributes: typesOf(missing) });
    return {
      namespace,
      added: missing.map(({ name }) => name),
      present: required.filter((each) => !missing.includes(each)).map(({ name }) => name),
    };
  } catch (error) {
    const failure = grpcFailureOf(error);
    if (failure?.code === grpcCode.unimplemented || failure?.code === grpcCode.permissionDenied) {
      throw new ManualSetupRequired(namespace, failure.details, error);
    }
    throw explainFailure(error, serverOf(client));
  }
}

type Attribute = (typeof attributes)[keyof typeof attributes];
type AttributeTypeCode = NonNullable<ReturnType<typeof encodeType>>;

function typesOf(missing: Attribute[]): Record<string, AttributeTypeCode> {
  return Object.fromEntries(missing.map(({ name, type }) => [name, encodeType(type) as AttributeTypeCode]));
}

function titleCase(type: string): string {
  return type.charAt(0) + type.slice(1).toLowerCase();
}
