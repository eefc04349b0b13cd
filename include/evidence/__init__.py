"""What requests show of the versions that answer them, and what may be concluded from it.

Everything holds at every look (docs/statistics.md), and everything is plain Python: it runs in
Airflow's triggerer, each second, for each stage of each release.

- ``tally``      the values: counts, histograms and moments of one variant in one phase
- ``soundness``  which of them cannot be true
- ``counts``     sequential test of counts, one-sided: errors and slow answers
- ``shares``     shares of answers, and the test of a share that exceeds another by a margin
- ``confidence`` confidence sequences of differences of means: labelled quality
- ``distance``   Kolmogorov-Smirnov distance of predictions, and its band
- ``agreement``  how often shadow and stable disagree
- ``split``      observed against wanted split
- ``beta``       tail of the Beta distribution
"""
