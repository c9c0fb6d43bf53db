/**
 * SageMaker refuses a volume size for instances with disks of their own. Their families are those that AWS's SDK for Python
 * leaves it out for: `volume_size_supported` in
 * https://github.com/aws/sagemaker-python-sdk/blob/v2.257.0/src/sagemaker/utils.py
 */
export function hasOwnDisks(instanceType: string): boolean {
  const family = instanceType.split('.')[1] ?? '';
  return /^(g5|g6|p5|trn1)/.test(family) || family.includes('d');
}
