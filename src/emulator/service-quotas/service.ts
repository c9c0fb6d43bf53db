import type { GetServiceQuotaRequest, ListServiceQuotasRequest } from '@aws-sdk/client-service-quotas';
import { operation, serviceOf } from '../http/operation.js';
import { ServiceError } from '../http/service-error.js';
import { modelled } from '../service-model/modelled.js';
import { findInstanceQuota, listInstanceQuotas } from './instance-quotas.js';

/** The largest page, and the default: botocore, MaxResults. */
const pageSize = 100;

const listServiceQuotas = operation(
  'ListServiceQuotas',
  modelled<ListServiceQuotasRequest>(),
  ({ ServiceCode, MaxResults = pageSize, NextToken = '0' }, { account }) => {
    requireSageMaker(ServiceCode);
    if (!/^\d{1,6}$/.test(NextToken))
      throw new ServiceError('InvalidPaginationTokenException', 'Invalid token.');
    const quotas = listInstanceQuotas(account);
    const from = Number(NextToken);
    const to = from + MaxResults;
    return { Quotas: quotas.slice(from, to), ...(to < quotas.length && { NextToken: String(to) }) };
  },
);

const getServiceQuota = operation(
  'GetServiceQuota',
  modelled<GetServiceQuotaRequest>(),
  ({ ServiceCode, QuotaCode }, { account }) => {
    requireSageMaker(ServiceCode);
    return { Quota: findInstanceQuota(account, QuotaCode) ?? throwNoSuchResource() };
  },
);

/** The emulated account uses no other service with quotas. */
function requireSageMaker(serviceCode: string): void {
  if (serviceCode !== 'sagemaker') throwNoSuchResource();
}

function throwNoSuchResource(): never {
  throw new ServiceError(
    'NoSuchResourceException',
    'The request failed because the specified service does not exist.',
  );
}

export const serviceQuotas = serviceOf(
  'Service Quotas',
  {
    validation: 'IllegalArgumentException',
    throttling: 'TooManyRequestsException',
    accessDenied: 'AccessDeniedException',
    unknownOperation: 'UnknownOperationException',
  },
  [listServiceQuotas, getServiceQuota],
);
