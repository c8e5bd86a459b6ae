"""What a run means: from record tables to KPIs, series, the closing statement and findings.

A function of records and model alone: no SimPy, no files, no data frames, no statistics over replications.
"""

from __future__ import annotations

from sim.measure.kpis import Measures, measure

__all__ = ["Measures", "measure"]
