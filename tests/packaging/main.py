"""Runs the tests of packaging; see run.sh."""

import kit
import test_manifests
import test_release

kit.main([test_release, test_manifests])
