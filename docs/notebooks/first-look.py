# %% [markdown]
# # A first look from Python
#
# The same verbs as on the command line. Open this file as a notebook (Jupytext, VS Code, Spyder), or run it
# as a script. Thirty days and two replications keep it to some seconds: enough to learn the tables, too few
# to learn about the corridor.

# %%
import tempfile
from pathlib import Path

import sim

out = Path(tempfile.mkdtemp())  # results go here; leave `out` away for results/ in the folder you are in

# %% [markdown]
# ## Load, and change what you like
# An override takes any unambiguous tail of a path. `override` gives a scenario that stands on another.

# %%
base = sim.load("baseline", overrides={"clock.length": "30 d", "clock.warmup": "15 d"})
more = base.override({"lines.aktau-alat-feeder.vessels.kmtf.count": 6}, name="six-feeders")
print(base.document.title)

# %% [markdown]
# ## Run
# Finished replications are kept and used again. Tables are data frames, times are hours.

# %%
run = sim.run(base, replications=2, out=out)
transit = run.summary.query("kpi == 'transit_time.mean' and subject.str.startswith('route/xian')")
print(transit[["subject", "n", "mean", "low", "high"]].to_string(index=False))

# %%
weekly = run.series.query("series == 'queue' and subject == 'line/aktau-alat-feeder'")
print(weekly.groupby("time")["value"].mean())

# %% [markdown]
# ## Compare on common random numbers

# %%
both = sim.compare([base, more], replications=2, out=out)
loads = both.table.query("kpi == 'load_factor.mean'").nsmallest(3, "p")
print(loads[["subject", "base", "other", "difference", "low", "high", "p"]].round(3).to_string(index=False))

# %% [markdown]
# ## One replication in memory, with every step of every consignment
# No files are written. `steps`, `sailings`, `aboard` and `levels` are built when they are asked for.

# %%
one = sim.simulate(base, replication=0)
steps = one.steps.assign(waiting=lambda rows: rows["started"] - rows["asked"])
slowest = steps.groupby("step", observed=True)["waiting"].mean().nlargest(5)
print(slowest.round(1))

# %%
sailings = one.sailings.query("line == 'aktau-alat-feeder'").dropna(subset=["sailed"])
print(sailings.groupby("vessel", observed=True)["amount"].agg(["count", "mean"]).round(1))

# %% [markdown]
# ## Statistics by themselves

# %%
days = sim.statistics.t_interval([12.0, 14.5, 13.1, 15.2], 0.95)
print(f"{days.mean:.2f} ± {days.half_width:.2f} d")
