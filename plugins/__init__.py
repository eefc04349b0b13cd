"""What Airflow's server shows: the control plane and the console, in ``airworthy``."""
