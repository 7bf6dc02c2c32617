"""Pure model code: features, training, calibration, explanation, reasons and artefacts; no Django in here."""
