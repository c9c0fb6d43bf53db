import { ServiceError } from '../http/service-error.js';
import { findViolations, type Rule, type Violation } from './constraints.js';
import type { OperationModel, ServiceModel } from './model.js';

/** Throws the error of the service for a request that violates its model. `code`: name of the error. */
export function throwValidationError(
  model: ServiceModel,
  operation: OperationModel,
  input: unknown,
  code: string,
): void {
  const violations = findViolations(model, { shape: operation.input }, input);
  if (violations.length === 0) return;
  throw refuseParameters(operation, violations) ?? new ServiceError(code, describe(violations));
}

/** The oldest operations of CloudWatch have their own messages, and different ones for missing and invalid members. */
function refuseParameters({ errors }: OperationModel, violations: Violation[]): ServiceError | null {
  const missing = violations.filter(({ rule }) => rule.kind === 'required');
  if (missing.length > 0) {
    if (!errors.includes('MissingRequiredParameterException')) return null;
    return new ServiceError('MissingParameter', missing.map(describeParameter).join('\n'));
  }
  if (!errors.includes('InvalidParameterValueException')) return null;
  return new ServiceError('InvalidParameterValue', violations.map(describeParameter).join('\n'));
}

function describeParameter({ path, value, rule, shape }: Violation): string {
  const name = path.join('.').replace(/\b(\d+)\.member\b/g, 'member.$1');
  if (rule.kind === 'required') return `The parameter ${name} is required.`;
  if (rule.kind === 'enum')
    return `The parameter ${name} must be a value in the set [ ${rule.values.join(', ')} ].`;
  if (shape.type === 'list' && (rule.kind === 'most' || rule.kind === 'least')) {
    return `The collection ${name} must not have a size ${rule.kind === 'most' ? 'greater' : 'less'} than ${rule.bound}.`;
  }
  if (shape.type === 'string' && rule.kind === 'most') {
    return `The parameter ${name} must be shorter than ${rule.bound + 1} characters.`;
  }
  return `The value ${toText(value)} for parameter ${name} is invalid.`;
}

function describe(violations: Violation[]): string {
  const found = violations.map(({ path, value, rule, shape }) => {
    const shown = shape.sensitive ? 'Value' : value === null ? 'Value null' : `Value '${toText(value)}'`;
    return `${shown} at '${path.map(lowerFirst).join('.')}' failed to satisfy constraint: ${describeRule(rule)}`;
  });
  return `${found.length} validation error${found.length > 1 ? 's' : ''} detected: ${found.join('; ')}`;
}

function describeRule(rule: Rule): string {
  switch (rule.kind) {
    case 'required':
      return 'Member must not be null';
    case 'most':
      return `Member must have ${rule.measure} less than or equal to ${rule.bound}`;
    case 'least':
      return `Member must have ${rule.measure} greater than or equal to ${rule.bound}`;
    case 'pattern':
      return `Member must satisfy regular expression pattern: ${rule.pattern}`;
    case 'enum':
      return `Member must satisfy enum value set: [${inRecordedOrder(rule.values).join(', ')}]`;
    case 'items':
      return `${rule.of} must satisfy constraint: [${rule.rules.map(describeRule).join(', ')}]`;
  }
}

/** LocalStack's recording test_set_alarm_invalid_input has StateValue in another order than the model. */
const recordedOrders = [['INSUFFICIENT_DATA', 'ALARM', 'OK']];

function inRecordedOrder(values: string[]): string[] {
  const recorded = recordedOrders.find(
    (order) => order.length === values.length && order.every((value) => values.includes(value)),
  );
  return recorded ?? values;
}

function lowerFirst(part: string | number): string {
  return String(part).replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

/** Formats values like Java. */
function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map(toText).join(', ')}]`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([name, each]) => `${name}=${toText(each)}`)
    .join(', ')}}`;
}
