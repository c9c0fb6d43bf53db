/** Finds the variant that the rollout replaces, on an endpoint that can have several. No I/O. */
import type {
  DescribeEndpointConfigOutput,
  DescribeEndpointOutput,
  ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import { replacedVariantOf } from '../../plan/compiled/model-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { isSameName, variantNamesOf } from '../../plan/compiled/variant-names.js';
import type { OtherVariants } from '../interface/other-variants.js';

export interface ReplacedVariant {
  variant: ProductionVariant | undefined;
  /** Absent: the variant is the only one. */
  others?: OtherVariants;
  findings: string[];
}

export function replacedVariant(
  plan: Plan,
  live: DescribeEndpointOutput,
  config: DescribeEndpointConfigOutput,
): ReplacedVariant {
  const { ProductionVariants: variants = [] } = config;
  const wanted = replacedVariantOf(plan.models.baseline);
  const where = `endpoint ${plan.endpoint}`;
  const names = variants.map(({ VariantName = '' }) => VariantName).join(', ');
  if (wanted === null) {
    const [variant] = variants;
    const finding = `${where} has ${variants.length} production variants; set models.baseline to { variant: NAME } with one of ${names}`;
    return { variant, findings: variants.length > 1 ? [finding] : [] };
  }
  const variant = variants.find(({ VariantName }) => VariantName === wanted);
  if (variant === undefined)
    return {
      variant,
      findings: [`${where} has no variant ${wanted}; set models.baseline.variant to one of ${names}`],
    };
  const others = variants.filter((each) => each !== variant);
  if (others.length === 0) return { variant, findings: [] };
  const seen = (name: string | undefined) => live.ProductionVariants?.find((v) => v.VariantName === name);
  const pairWeight = seen(wanted)?.CurrentWeight ?? 0;
  return {
    variant,
    others: {
      pairWeight,
      variants: others.map(({ VariantName: name = '', InitialVariantWeight, InitialInstanceCount }) => ({
        name,
        weight: seen(name)?.DesiredWeight ?? InitialVariantWeight ?? 1,
        count: seen(name)?.DesiredInstanceCount ?? InitialInstanceCount ?? 1,
      })),
    },
    findings: [
      ...checkTopology(plan, where),
      ...checkNames(plan, where, wanted, others),
      ...(pairWeight > 0 ? [] : [`variant ${wanted} of ${where} gets no traffic; give it a weight first`]),
    ],
  };
}

/** A switch between two endpoints, or a shadow, would leave the other variants out. */
function checkTopology({ serve, steps, topology }: Plan, where: string): string[] {
  const findings: string[] = [];
  if (topology === 'endpoints')
    findings.push(`${where} has several production variants; set serve.topology to variants`);
  // An update retains the instance counts of all variants or of none, and the last update of stable names makes a new fleet:
  // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_VariantProperty.html
  if (serve.variantNames?.kind === 'stable')
    findings.push(
      `${where} has several production variants; set serve.variantNames to alternate or perRollout, because the last update of stable names resets the instances of the others`,
    );
  // "For an endpoint with a shadow variant, there can be a maximum of one production variant":
  // https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-create.html
  if (steps.some((step) => step.kind === 'deploy' && step.arrangement.kind === 'shadow'))
    findings.push(
      `${where} has several production variants; choose another strategy, because SageMaker allows a shadow beside one only`,
    );
  return findings;
}

function checkNames(plan: Plan, where: string, wanted: string, others: ProductionVariant[]): string[] {
  const { candidate } = variantNamesOf(plan, wanted);
  if (!others.some(({ VariantName = '' }) => isSameName(VariantName, candidate))) return [];
  return [
    `${where} already has a variant ${candidate}, the candidate's name; set serve.variantNames to other names`,
  ];
}
