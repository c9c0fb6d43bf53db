/** AWS's model of the members that a spec may set. `npm run service-models` writes the file. */
import json from './aws-shapes.json' with { type: 'json' };

/** One shape of the model. Members and items are names of shapes. */
export interface AwsShape {
  type: 'structure' | 'list' | 'map' | 'string' | 'boolean' | 'integer' | 'long' | 'float' | 'double';
  members?: Record<string, string>;
  required?: string[];
  /** Item of a list, or value of a map. */
  item?: string;
  /** Names of a map. */
  key?: string;
  /** Bounds of a number, of the length of a text or list, or of the size of a map. */
  min?: number;
  max?: number;
  /** JavaScript's form, for the whole text. */
  pattern?: string;
  enum?: string[];
}

const shapes = json.shapes as Record<string, AwsShape>;

export function awsShape(name: string): AwsShape {
  const shape = shapes[name];
  if (!shape) throw new Error(`aws-shapes.json has no shape ${name}`);
  return shape;
}
