"""Tests of classification, licences and quantity accounts."""
