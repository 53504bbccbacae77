"""Installs and removes what stands beside our tables, and carries databases over from the labels of before."""
