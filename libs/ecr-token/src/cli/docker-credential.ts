#!/usr/bin/env node
import { runHere } from './console.ts';
import { runDockerCredential } from './run-docker-credential.ts';
import { silenceSdk } from './silence-sdk.ts';

silenceSdk(process.env);
void runHere(runDockerCredential);
