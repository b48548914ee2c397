"""The screens of the customs desk: queue, alert, network, flows, mirror statistics, figures."""
