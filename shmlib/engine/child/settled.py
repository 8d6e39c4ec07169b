"""Loaded last by the zygote: what it has loaded is not looked at again in any of its copies."""

import gc

gc.collect()
gc.freeze()  # else the first collection in a worker would copy every page that they share
