import { judgeSeeds } from './judge-seeds.js';

judgeSeeds(101, 200);
