#!/usr/bin/env node
import { runHere } from './console.ts';
import { runEcrToken } from './run-ecr-token.ts';

void runHere(runEcrToken);
