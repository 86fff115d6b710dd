"""The instruments of the demonstration: a core facility as one might find it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTool:
    """One instrument, and how busy people keep it (the share of open time that is booked)."""

    name: str
    location: str
    description: str = ""
    slot: int = 15
    setup: int = 0
    cleanup: int = 0
    capacity: int = 1
    restricted: bool = False
    approval: bool = False
    hours: str = "lab"
    linked: tuple[str, ...] = ()
    closed_reason: str = ""
    busy: float = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoKind:
    """A type of instruments; `lengths` are usual booking lengths in minutes."""

    name: str
    description: str
    lengths: tuple[int, ...]
    purposes: tuple[str, ...]
    tools: tuple[DemoTool, ...]


POOL = ("Any thermocycler", "Six blocks of the same make: any of them will do.", "Thermocycler")

_LIGHT = DemoKind(
    name="Light microscope",
    description="Confocal, light-sheet and super-resolution microscopes.",
    lengths=(60, 90, 120, 120, 180, 240),
    purposes=("Live-cell imaging", "Z-stacks of tissue sections", "Colocalisation", "FRAP"),
    tools=(
        DemoTool(
            name="Confocal 1",
            location="Building A, room 1.04",
            description="Point scanner with resonant head. Shares the two-photon laser.",
            cleanup=15,
            linked=("Two-photon laser",),
        ),
        DemoTool(
            name="Confocal 2",
            location="Building A, room 1.05",
            description="Inverted stand with incubation for 48 hours of live imaging.",
            cleanup=15,
            hours="always",
        ),
        DemoTool(
            name="Spinning disk",
            location="Building A, room 1.06",
            description="Fast volumes with two cameras, 37 °C and CO2.",
            setup=15,
        ),
        DemoTool(
            name="Light-sheet microscope",
            location="Building A, room 1.08",
            description="Cleared tissue up to 2 cm. Shares the two-photon laser.",
            setup=30,
            cleanup=30,
            linked=("Two-photon laser",),
            busy=0.3,
        ),
        DemoTool(
            name="Super-resolution microscope",
            location="Building A, room 1.09",
            description="STED with three depletion lines. Training by the facility is required.",
            restricted=True,
            approval=True,
            setup=30,
            busy=0.35,
        ),
        DemoTool(
            name="Two-photon laser",
            location="Building A, room 1.04",
            description="Tunable from 680 to 1080 nm; feeds two microscopes, one at a time.",
            busy=0.0,
        ),
    ),
)
_ELECTRON = DemoKind(
    name="Electron microscope",
    description="Scanning and transmission electron microscopes with sample preparation.",
    lengths=(120, 180, 240, 240),
    purposes=("Fracture surfaces", "Nanoparticle sizes", "EDX maps", "Cross sections"),
    tools=(
        DemoTool(
            name="SEM 1",
            location="Building B, basement 0.02",
            description="Field emission, in-lens detector and EDX.",
            setup=15,
            cleanup=15,
        ),
        DemoTool(
            name="SEM 2 with FIB",
            location="Building B, basement 0.03",
            description="Gallium ion column for cross sections and lamellae.",
            restricted=True,
            setup=30,
            cleanup=30,
        ),
        DemoTool(
            name="TEM 200 kV",
            location="Building B, basement 0.05",
            description="Bright and dark field, diffraction, STEM. Operators are named.",
            restricted=True,
            approval=True,
            setup=30,
            cleanup=30,
        ),
        DemoTool(
            name="Cryo-TEM",
            location="Building B, basement 0.06",
            description="Autoloader for twelve grids. Runs overnight.",
            restricted=True,
            approval=True,
            hours="always",
            setup=60,
            busy=0.35,
        ),
        DemoTool(
            name="Sputter coater",
            location="Building B, basement 0.02",
            description="Gold, carbon and platinum for SEM samples.",
            slot=10,
            busy=0.25,
        ),
    ),
)
_MASS = DemoKind(
    name="Mass spectrometer",
    description="Proteins, metabolites and elements.",
    lengths=(120, 180, 240, 360),
    purposes=("Peptide mapping", "Metabolite screen", "Trace metals", "Intact mass"),
    tools=(
        DemoTool(
            name="LC-MS 1",
            location="Building C, room 2.10",
            description="Quadrupole time-of-flight behind an UPLC.",
            hours="always",
            cleanup=30,
        ),
        DemoTool(
            name="LC-MS 2",
            location="Building C, room 2.10",
            description="High resolution for proteomics. Wash the column after use.",
            hours="always",
            restricted=True,
            cleanup=30,
        ),
        DemoTool(
            name="MALDI-TOF",
            location="Building C, room 2.11",
            description="Linear and reflector mode, 384 spots a plate.",
        ),
        DemoTool(
            name="GC-MS",
            location="Building C, room 2.12",
            description="Headspace sampler, two columns.",
            hours="always",
        ),
        DemoTool(
            name="ICP-MS",
            location="Building C, room 2.14",
            description="Elements from lithium to uranium. Argon is ordered by the facility.",
            restricted=True,
            setup=30,
            cleanup=30,
            busy=0.3,
        ),
    ),
)
_FLOW = DemoKind(
    name="Flow cytometer",
    description="Analysers and sorters.",
    lengths=(60, 60, 120, 180),
    purposes=("Immune panel", "Cell cycle", "Sort of GFP-positive cells", "Viability"),
    tools=(
        DemoTool(
            name="Analyser 1",
            location="Building A, room 2.01",
            description="Four lasers, 18 colours, plate loader.",
            hours="long",
            cleanup=15,
        ),
        DemoTool(
            name="Analyser 2",
            location="Building A, room 2.01",
            description="Two lasers, eight colours: the one to learn on.",
            hours="long",
            cleanup=15,
        ),
        DemoTool(
            name="Cell sorter 1",
            location="Building A, room 2.03",
            description="Biosafety level 1. An operator helps on request.",
            restricted=True,
            approval=True,
            setup=30,
            cleanup=30,
        ),
        DemoTool(
            name="Cell sorter 2",
            location="Building A, room 2.04",
            description="Biosafety level 2, in a cabinet.",
            restricted=True,
            setup=45,
            cleanup=45,
            busy=0.35,
        ),
    ),
)
_NMR = DemoKind(
    name="NMR spectrometer",
    description="From quick spectra by sample changer to days of protein NMR.",
    lengths=(30, 30, 60, 60, 120),
    purposes=("Proton spectrum", "Carbon spectrum", "HSQC of product", "Reaction control"),
    tools=(
        DemoTool(
            name="NMR 400",
            location="Building C, ground floor 0.11",
            description="Open access with a sample changer of 60 places.",
            slot=10,
            hours="always",
            busy=0.3,
        ),
        DemoTool(
            name="NMR 600",
            location="Building C, ground floor 0.12",
            description="Cryoprobe. Liquid-state, two and three dimensions.",
            slot=30,
            hours="always",
            restricted=True,
            busy=0.3,
        ),
        DemoTool(
            name="NMR 800",
            location="Building C, ground floor 0.14",
            description="Protein NMR with triple resonance.",
            slot=60,
            hours="always",
            restricted=True,
            closed_reason="The magnet was quenched; the maker comes to bring it back to field.",
        ),
    ),
)
_PCR = DemoKind(
    name="Thermocycler",
    description="PCR blocks and real-time cyclers.",
    lengths=(90, 120, 120, 180),
    purposes=("Genotyping", "Colony PCR", "Expression of reference genes", "Library preparation"),
    tools=(
        *(
            DemoTool(
                name=f"Thermocycler {n}",
                location="Building A, room 3.07",
                description="96 wells with gradient.",
                hours="long",
                slot=30,
                busy=0.25,
            )
            for n in range(1, 7)
        ),
        DemoTool(
            name="Real-time cycler",
            location="Building A, room 3.08",
            description="384 wells, five colours.",
            hours="long",
        ),
    ),
)
_CLEAN_ROOM = DemoKind(
    name="Clean room tool",
    description="Lithography, etching and films in the ISO 6 clean room.",
    lengths=(60, 120, 120, 180),
    purposes=("Mask exposure", "Trench etch", "Metal lift-off", "Film thickness"),
    tools=(
        DemoTool(
            name="Mask aligner",
            location="Clean room, bay 1",
            description="Contact and proximity, wafers up to 150 mm.",
            restricted=True,
            setup=15,
            cleanup=15,
        ),
        DemoTool(
            name="Spin coater",
            location="Clean room, bay 1",
            description="Positive and negative resists; bring your own wafers.",
            restricted=True,
        ),
        DemoTool(
            name="Reactive ion etcher",
            location="Clean room, bay 2",
            description="Fluorine chemistry only. Season the chamber before use.",
            restricted=True,
            setup=30,
            cleanup=15,
        ),
        DemoTool(
            name="Wet bench",
            location="Clean room, bay 3",
            description="Three places for solvents and acids; never work alone.",
            restricted=True,
            capacity=3,
            busy=0.25,
        ),
        DemoTool(
            name="Profilometer",
            location="Clean room, bay 4",
            description="Stylus, steps from 10 nm to 1 mm.",
        ),
    ),
)
_WORKSHOP = DemoKind(
    name="Workshop machine",
    description="Printing, cutting and milling of parts.",
    lengths=(60, 120, 240, 360),
    purposes=("Sample holder", "Flow cell", "Microscope insert", "Prototype housing"),
    tools=(
        DemoTool(
            name="3D printer 1",
            location="Workshop, ground floor",
            description="Filament, 250 mm cube. Prints may run through the night.",
            hours="always",
            busy=0.3,
        ),
        DemoTool(
            name="3D printer 2",
            location="Workshop, ground floor",
            description="Resin, 50 µm layers. Gloves are in the drawer.",
            cleanup=30,
            busy=0.3,
        ),
        DemoTool(
            name="Laser cutter",
            location="Workshop, ground floor",
            description="Acrylic and wood up to 8 mm; no PVC.",
            restricted=True,
            busy=0.25,
        ),
    ),
)
_ROOMS = DemoKind(
    name="Room or bench",
    description="Places to work and to meet.",
    lengths=(60, 60, 120, 180),
    purposes=("Group work", "Method training", "Sample preparation", "Demonstration"),
    tools=(
        DemoTool(
            name="Seminar room",
            location="Building A, room 0.20",
            description="24 seats, screen and camera.",
            hours="long",
            slot=30,
            busy=0.35,
        ),
        DemoTool(
            name="Cell culture bench",
            location="Building A, room 2.12",
            description="Four cabinets; each booking takes one.",
            capacity=4,
            cleanup=15,
            busy=0.22,
        ),
        DemoTool(
            name="Darkroom",
            location="Building A, basement 0.31",
            description="Chemiluminescence and gel documentation.",
            slot=10,
            busy=0.25,
        ),
    ),
)

KINDS: tuple[DemoKind, ...] = (
    _LIGHT,
    _ELECTRON,
    _MASS,
    _FLOW,
    _NMR,
    _PCR,
    _CLEAN_ROOM,
    _WORKSHOP,
    _ROOMS,
)
