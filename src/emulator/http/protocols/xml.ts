import { type Reference, type ServiceModel, shapeOf } from '../../service-model/model.js';
import { writeTextScalar } from './scalars.js';

/** Characters that XML 1.0 cannot represent. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

export function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

export function escape(text: string): string {
  return text.replace(forbidden, '\ufffd').replace(/[&<>"\r]/g, (found) => entities[found] ?? found);
}

/** The content of a value in the query protocol, without its element. */
export function writeXml(model: ServiceModel, reference: Reference, value: unknown): string {
  const shape = shapeOf(model, reference);
  const write = (name: string, to: Reference | undefined, each: unknown) =>
    to && each !== undefined && each !== null ? element(name, writeXml(model, to, each)) : '';
  if (shape.type === 'structure') {
    const members = value as Record<string, unknown>;
    return Object.entries(shape.members ?? {})
      .map(([name, to]) => write(name, to, members[name]))
      .join('');
  }
  if (shape.type === 'list') {
    return (value as unknown[]).map((item) => write('member', shape.member, item)).join('');
  }
  if (shape.type === 'map') {
    return Object.entries(value as object)
      .map(([key, each]) =>
        element('entry', write('key', shape.key, key) + write('value', shape.value, each)),
      )
      .join('');
  }
  return escape(writeTextScalar(value, shape));
}
