#!/usr/bin/env node
import { runHere } from './console.ts';
import { runEcrToken } from './run-ecr-token.ts';
import { silenceSdk } from './silence-sdk.ts';

silenceSdk(process.env);
void runHere(runEcrToken);
