/** A price as it was read: dollars before taxes, for one of `per`. */
export type ListPrice = { dollars: number; per: string; source: string; date: string };

/**
 * AWS's pages fill their prices in while they are looked at, so these are what dated transcripts of them and of the AWS
 * Price List say, some of them for us-east-2 and us-west-2, where these services cost the same. `source` is the page to
 * look at for today's.
 */
const page = (path: string, date: string) => ({ source: `https://aws.amazon.com/${path}/pricing/`, date });
const lambda = page('lambda', '2026-08-21');
const dynamoDb = { source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/', date: '2026-08-09' };
const s3 = page('s3', '2026-08-09');
const cloudWatch = page('cloudwatch', '2026-08-09');
const kms = page('kms', '2026-08-09');

/**
 * List prices of us-east-1. No free tier, no discount. Where a price falls with the amount (Lambda beyond 6 to 7.5
 * billion GB-seconds a month), it is the first.
 */
export const listPrices = {
  lambdaArm64GbSecond: { dollars: 0.0000133334, per: 'GB-second', ...lambda },
  lambdaX86GbSecond: { dollars: 0.0000166667, per: 'GB-second', ...lambda },
  lambdaDiskGbSecond: { dollars: 0.0000000309, per: 'GB-second of /tmp above 512 MB', ...lambda },
  lambdaRequest: { dollars: 0.2e-6, per: 'request', ...lambda },
  gp3GiBMonth: { dollars: 0.08, per: 'GiB-month', ...page('ebs', '2026-08-20') },
  publicIpv4Hour: { dollars: 0.005, per: 'address and hour', ...page('vpc', '2026-08-20') },
  endpointHour: { dollars: 0.01, per: 'endpoint, zone and hour', ...page('privatelink', '2026-08-20') },
  stateTransition: { dollars: 0.025e-3, per: 'transition', ...page('step-functions', '2026-03-14') },
  sqsRequest: { dollars: 0.4e-6, per: 'request', ...page('sqs', '2026-08-09') },
  dynamoDbWriteUnit: { dollars: 0.625e-6, per: 'unit of 1 KB', ...dynamoDb },
  dynamoDbReadUnit: { dollars: 0.125e-6, per: 'unit of 4 KB', ...dynamoDb },
  s3Put: { dollars: 0.005e-3, per: 'PUT, POST or LIST', ...s3 },
  s3Get: { dollars: 0.0004e-3, per: 'GET or HEAD', ...s3 },
  s3GbMonth: { dollars: 0.023, per: 'GB-month', ...s3 },
  eventBridgeEvent: { dollars: 1e-6, per: 'event', ...page('eventbridge', '2026-08-09') },
  logsGb: { dollars: 0.5, per: 'GB taken in', ...cloudWatch },
  metricMonth: { dollars: 0.3, per: 'metric and month', ...cloudWatch },
  alarmMonth: { dollars: 0.1, per: "an alarm's metric and month", ...cloudWatch },
  dashboardMonth: { dollars: 3, per: 'dashboard and month', ...page('cloudwatch', '2026-06-13') },
  kmsKeyMonth: { dollars: 1, per: 'key and month', ...kms },
} as const satisfies Record<string, ListPrice>;

export type PriceName = keyof typeof listPrices;

/** Every name of a price, in the order of the list. */
export const priceNames = Object.keys(listPrices).filter((name): name is PriceName => name in listPrices);
