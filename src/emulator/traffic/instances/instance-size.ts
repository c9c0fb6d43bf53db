/** GPUs of one instance by family and size, from AWS's pages of the instance types. Other sizes have `rest` GPUs. */
const gpus: Record<string, { rest: number; sizes?: Record<string, number> }> = {
  g4dn: { rest: 1, sizes: { '12xlarge': 4, metal: 8 } },
  g5: { rest: 1, sizes: { '12xlarge': 4, '24xlarge': 4, '48xlarge': 8 } },
  g6: { rest: 1, sizes: { '12xlarge': 4, '24xlarge': 4, '48xlarge': 8 } },
  g6e: { rest: 1, sizes: { '12xlarge': 4, '24xlarge': 4, '48xlarge': 8 } },
  p2: { rest: 1, sizes: { '8xlarge': 8, '16xlarge': 16 } },
  p3: { rest: 1, sizes: { '8xlarge': 4, '16xlarge': 8 } },
  p3dn: { rest: 8 },
  p4d: { rest: 8 },
  p4de: { rest: 8 },
  p5: { rest: 8, sizes: { '4xlarge': 1 } },
  p5e: { rest: 8 },
  p5en: { rest: 8 },
};

/** Cores and GPUs of an instance type such as `ml.g5.2xlarge`. */
export function instanceSizeOf(instanceType: string): { cores: number; gpus: number } {
  const [, family = '', size = ''] = instanceType.split('.');
  const group = gpus[family];
  return { cores: coresOf(size), gpus: group ? (group.sizes?.[size] ?? group.rest) : 0 };
}

/** AWS's sizes double: large has 2 virtual cores, xlarge 4, 2xlarge 8. */
function coresOf(size: string): number {
  const [, times, name] = /^(\d*)(medium|large|xlarge)$/.exec(size) ?? [];
  if (name === 'xlarge') return 4 * Number(times === '' ? 1 : times);
  return name === 'medium' ? 1 : 2;
}
