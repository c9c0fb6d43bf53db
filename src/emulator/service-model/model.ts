/**
 * AWS's models of the emulated operations of the services: the shapes of requests, responses and errors.
 * tools/service-models/extract.py extracts them from botocore. `npm run service-models` updates them.
 */
import applicationAutoScaling from './application-auto-scaling.json' with { type: 'json' };
import cloudWatch from './cloudwatch.json' with { type: 'json' };
import iam from './iam.json' with { type: 'json' };
import logs from './logs.json' with { type: 'json' };
import runtime from './runtime.json' with { type: 'json' };
import sageMaker from './sagemaker.json' with { type: 'json' };
import serviceQuotas from './service-quotas.json' with { type: 'json' };
import sts from './sts.json' with { type: 'json' };

export interface Reference {
  shape: string;
  /** restJson1: location of the member, if it is not in the body. */
  location?: 'uri' | 'header' | 'querystring' | 'statusCode';
  locationName?: string;
}

type ScalarType = 'string' | 'integer' | 'long' | 'float' | 'double' | 'boolean' | 'timestamp' | 'blob';

export interface Shape {
  type: ScalarType | 'structure' | 'list' | 'map';
  members?: Record<string, Reference>;
  required?: string[];
  /** restJson1: the member that is the whole body. */
  payload?: string;
  union?: boolean;
  /** Item shape of a list. */
  member?: Reference;
  /** Key and value shapes of a map. */
  key?: Reference;
  value?: Reference;
  min?: number;
  max?: number;
  /** A Java regular expression that must match the whole text. */
  pattern?: string;
  enum?: string[];
  /** Messages never show the value. */
  sensitive?: boolean;
  exception?: boolean;
  fault?: boolean;
  error?: { code?: string; httpStatusCode?: number; senderFault?: boolean };
}

export interface OperationModel {
  http: { method: string; requestUri: string; responseCode?: number };
  input: string;
  output?: string;
  /** Error shapes of the operation. */
  errors: string[];
}

export interface ServiceModel {
  metadata: {
    apiVersion: string;
    /** Absent without a JSON protocol. */
    jsonVersion?: string;
    protocols: string[];
    serviceId: string;
    /** Name of the service in signatures. */
    signingName: string;
    targetPrefix?: string;
    xmlNamespace?: string;
  };
  operations: Record<string, OperationModel>;
  shapes: Record<string, Shape>;
}

export const serviceModels = {
  SageMaker: sageMaker as ServiceModel,
  'SageMaker Runtime': runtime as ServiceModel,
  'CloudWatch Logs': logs as ServiceModel,
  CloudWatch: cloudWatch as ServiceModel,
  'Application Auto Scaling': applicationAutoScaling as ServiceModel,
  'Service Quotas': serviceQuotas as ServiceModel,
  IAM: iam as ServiceModel,
  STS: sts as ServiceModel,
};
export type ServiceId = keyof typeof serviceModels;

export function shapeOf(model: ServiceModel, { shape: name }: { shape: string }): Shape {
  const shape = model.shapes[name];
  if (!shape) throw new Error(`the model of ${model.metadata.serviceId} has no shape ${name}`);
  return shape;
}

const members = new WeakMap<Shape, [name: string, Reference][]>();

/** The members of a structure, in the order of the model. */
export function membersOf(shape: Shape): readonly [name: string, Reference][] {
  const known = members.get(shape);
  if (known) return known;
  const found = Object.entries(shape.members ?? {});
  members.set(shape, found);
  return found;
}
