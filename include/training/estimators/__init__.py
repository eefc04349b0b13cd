"""Estimators of our own, for what scikit-learn lacks; each is written by skops as plain arrays.

``boosted`` holds an XGBoost model in XGBoost's own format, ``dense`` a Keras network as weights
that NumPy multiplies (serving needs no TensorFlow). ``sampled`` fits on a sample of the rows,
``codes`` numbers categories, ``copied`` answers with a column, ``blend`` combines fitted models.
"""
