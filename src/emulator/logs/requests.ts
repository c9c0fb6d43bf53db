/** Members of the requests that the operations read. The service model checks them. */
export interface GroupRequest {
  logGroupName?: string;
  logGroupIdentifier?: string;
}

export interface DescribeLogStreamsRequest extends GroupRequest {
  logStreamNamePrefix?: string;
  orderBy?: 'LogStreamName' | 'LastEventTime';
  descending?: boolean;
  nextToken?: string;
  limit?: number;
}

export interface GetLogEventsRequest extends GroupRequest {
  logStreamName: string;
  startTime?: number;
  endTime?: number;
  nextToken?: string;
  limit?: number;
  startFromHead?: boolean;
}

export interface FilterLogEventsRequest extends GroupRequest {
  logStreamNames?: string[];
  logStreamNamePrefix?: string;
  startTime?: number;
  endTime?: number;
  filterPattern?: string;
  nextToken?: string;
  limit?: number;
}
