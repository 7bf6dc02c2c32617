"""Estimators after scikit-learn: each turns a matrix with outcomes into a form that is stored and explained."""
