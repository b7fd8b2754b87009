#!/usr/bin/env node
import { runHere } from './console.ts';
import { runDockerCredential } from './run-docker-credential.ts';

void runHere(runDockerCredential);
