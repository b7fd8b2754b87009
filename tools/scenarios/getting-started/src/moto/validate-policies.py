"""Reads a JSON list of policies, each with its kind and its text. Prints a JSON list: null for each valid one, and for
each other one what moto says about it."""

import json
import sys

from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import (
    BaseIAMPolicyValidator,
    IAMPolicyDocumentValidator,
    IAMTrustPolicyDocumentValidator,
)

VALIDATORS = {
    "permissions": IAMPolicyDocumentValidator,
    "trust": IAMTrustPolicyDocumentValidator,
    "resource": BaseIAMPolicyValidator,
}


def problem(kind, text):
    try:
        VALIDATORS[kind](text).validate()
        return None
    except MalformedPolicyDocument as error:
        return error.message


print(json.dumps([problem(**policy) for policy in json.load(sys.stdin)]))
