"""The flow diagram of circuit HX-2: one drawing in millimetres, written as SVG and as DXF."""
